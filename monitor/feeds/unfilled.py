"""What `monitor feeds new` writes where nobody has said better, and `feeds check` asks about until somebody does."""

NOBODY = "who answers for it"
NOTHING_YET = "those that …"
