"""From a place to what has newly come there: drop folders and object stores, web pages, questions to databases."""
