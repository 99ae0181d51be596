"""The kinds of rules, a module each: what it looks at, and when that is one to alert at."""
