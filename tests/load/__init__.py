"""`make load`: how many customers the desk bears, and what ten and a hundred times as many would take: docs/load.md.

`__main__` runs the parts: `curve` raises customers until a bar breaks, `sockets` keeps 2,000 pages open, `growth` holds
the cost of one customer after a month of few against that after a month of many.
"""
