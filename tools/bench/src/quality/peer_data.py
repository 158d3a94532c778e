"""What all peers read of a data set: PREFIX.train.csv, .validation.csv and .test.csv, whose last two columns are the label and the true probability."""

import csv
import sys

import numpy

prefix = sys.argv[1]


def read(part):
    with open(f"{prefix}.{part}.csv", newline="") as file:
        _, *rows = csv.reader(file)
    return [row[:-2] for row in rows], numpy.array([int(row[-2]) for row in rows])


def number(text):
    try:
        return float(text) if text else numpy.nan
    except ValueError:
        return None


def loss(scores, labels):
    scores = numpy.clip(scores, 1e-7, 1 - 1e-7)
    return -numpy.mean(labels * numpy.log(scores) + (1 - labels) * numpy.log1p(-scores))


def write(name, scores):
    """Scores of the test rows, one a line of PREFIX.NAME.txt."""
    numpy.savetxt(f"{prefix}.{name}.txt", scores, fmt="%.9g")


train, train_labels = read("train")
validation, validation_labels = read("validation")
test, _ = read("test")
width = len(train[0])
numeric = [all(number(row[at]) is not None for row in train) for at in range(width)]

# Of each column of texts, in order; none has a value that no training row has.
codes = [
    None if numeric[at] else {value: code for code, value in enumerate(sorted({row[at] for row in train}))}
    for at in range(width)
]


def floats(rows):
    return numpy.array([[number(row[at]) for at in range(width) if numeric[at]] for row in rows], dtype=float)
