"""The panel's pages, a module each: read the address, ask the reads, and hand over what they found."""
