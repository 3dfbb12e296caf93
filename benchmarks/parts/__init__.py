"""What the benchmark of recording consists of: where it runs, what is sent, each part, how figures are printed."""
