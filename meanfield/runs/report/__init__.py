"""Reports: what a run or a batch has made, as one HTML file to send, and its numbers as a table."""
