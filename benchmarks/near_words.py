"""The words of the page about near-duplicates: what each table shows, and how its figures were taken."""

from __future__ import annotations

SPEED = """## Whole commands

{rows:,} rows (`t0_50k`, {size:.0f} MB of JSON Lines), threshold .7, 5-grams; from the start of the process until it has
ended and its files are written. Rounds of Tunesmith: {rounds}, each a fresh process on an empty folder, after one that
filled the disk cache and compiled the kernels, spread before, between and after the peers' runs; median (lowest to
highest). It reads the rows as they came, converts, measures and accounts for each, and writes a run folder with ledger
and report, on all cores; of rows that are alike the one with the longer answer stays, so it keeps a few rows more or
less than in the tables below, which go in file order. The peers: one run each with {workers} worker processes and with
one, over `id` and `text` made beforehand, where the text is exactly the one that Tunesmith compares. datatrove gives a
file to one process, so for {workers} processes its input was cut into as many files beforehand. Peak memory is the
highest sum of the proportional set sizes (PSS) over the process tree, read once a second and at each new highest sum
of resident sizes, which is looked up each 50 ms; for Tunesmith in a further run, so that sampling does not touch its
time. In the peers' runs sampling took {sampling} of CPU.

{table}
"""

LIBRARY = """## In process

The same texts in memory. Tunesmith: tokens, shingle sets and signatures are one pass of compiled code over the Arrow
column; *shingling* is a pass without signatures, *signatures* what they add; best of {rounds}, warm. *Resolution* is
bands, candidates and, for Tunesmith, the exact comparison of each. rensa and datasketch take tokens from their caller,
so shingling is Python's (`benchmarks/peers/shingling.py`), in one thread; 128 slots, threshold .7, each library's own
bands. rensa's deduplicators check candidates against the signatures' estimate, datasketch's index checks nothing.
rensa's rho pipeline, which samples token positions and so does not compare sets, is left out. Wanted: 10 times faster
than the fastest.

{table}
"""

ACCURACY = """## Accuracy

Against an oracle that compares all pairs (sparse matrix product over sets that Python cut), with the same greedy rule
in file order. *Missed*: only the oracle drops the row. *Wrong*: the partner does not survive, or the similarity is not
the oracle's, to the last bit. *Expected misses* is computed from the oracle's similarities: the chance that a dropped
row shares no band with any survivor that it is alike to, added up, as if slots were independent. The short texts are
{short:,} distinct real ones of under 10 tokens: questions, instructions, inputs and answers of the Chinese and English
sets. 25 × 5 is what a recall of .9899 would take; 32 × 4 is the default.

{drops}

The first {rows:,} rows of `t0_50k` through every tool, judged by exact Jaccard similarity on Tunesmith's shingles. Two
faults: a dropped row that no kept row reaches .7 with, and a kept row that an earlier kept row reaches .7 with. The
peers cut words in other ways, so a part of both is definition, not error: datatrove removes punctuation and maps every
number to 0, Data-Juicer cuts at spaces only and takes all rows of under five words for one another's duplicates,
datatrove never compares those. datatrove, Data-Juicer and datasketch verify no candidate, and the first two join
candidates into chains; rensa verifies by estimate.

{judged}

Components of the prompts at Jaccard ≥ .5, which a split never cuts, against those of the graph of all pairs:

{joined}
"""

ESTIMATE = """## Error of the signatures

Estimated against exact Jaccard similarity, over pairs of real rows of any similarity below 1, drawn in proportion to
it, each row in one pair at most. All signatures have 128 slots and sign the very same shingle sets (datasketch:
MinHash, rensa: R-MinHash, which is a Fast Similarity Sketch too). *Theory* is the root of the mean of J(1 − J)/128,
the error of 128 independent MinHashes. Standard errors take pairs for independent; rows of one passage under several
templates share shingles and so errors, which makes the real ones larger. The short texts here are of up to 23 tokens,
19 shingles. Sizes with fewer than {fewest} pairs are left out.

{table}
"""

GROWTH = """## Growth

Rows made by a seeded generator (`benchmarks/generated_rows.py`, seed {seed}) of the real rows of `t0_50k`,
`huatuo_med_zh` and `alpaca_zh_demo` of 40 words or more: 15 % of the words of each replaced, and {copies:.0%} of all
rows lightly edited copies of earlier ones, at every size. Sketch and resolution in process, best of
{rounds}. CPU time adds up all cores; other work on the machine lengthens it less than the time on the clock.

{table}
"""
