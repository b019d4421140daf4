# Writes the p-values of farringtonFlexible, set as its authors recommend (Noufaily et al. 2013), for the judged rows of counts.
# Rscript farrington.R COUNTS.csv FIRST PER_YEAR OUTPUT.csv   (a column a series, a row a period, no header)
suppressPackageStartupMessages(library(surveillance))
given <- commandArgs(trailingOnly = TRUE)
counts <- as.matrix(read.csv(given[1], header = FALSE))
first <- as.integer(given[2])
settings <- list(
  range = first:nrow(counts), b = 5, w = 3, noPeriods = 10, pastWeeksNotIncluded = 26, reweight = TRUE,
  weightsThreshold = 2.58, pThresholdTrend = 1, trend = TRUE, thresholdMethod = "nbPlugin", alpha = 0.01, limit54 = c(0, 4)
)
p_values <- function(column) {
  series <- sts(observed = counts[, column, drop = FALSE], start = c(2000, 1), frequency = as.integer(given[3]))
  found <- suppressWarnings(farringtonFlexible(series, control = settings))
  found@control$pvalue
}
found <- vapply(seq_len(ncol(counts)), p_values, numeric(nrow(counts) - first + 1))
write.table(found, given[4], sep = ",", row.names = FALSE, col.names = FALSE)
