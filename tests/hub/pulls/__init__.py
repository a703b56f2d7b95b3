"""Pull requests: opening, merging, closing, labels, timelines and search."""
