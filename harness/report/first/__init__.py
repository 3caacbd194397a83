"""The first screen of a report: headline, overview, tiles and doubts, as values that every format renders."""
