"""One question about visits per file, answered from the store. Reading never writes."""
