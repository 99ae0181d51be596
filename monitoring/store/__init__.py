"""How measures and spans are kept: from the buffer of a process to figures of any window."""
