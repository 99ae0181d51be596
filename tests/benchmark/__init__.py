"""`make bench`: what AdminAra costs, side by side with what others cost. `__main__` runs the cases of `cases/`.

What is timed runs in processes of their own, in the modules of `inside/`; `child.Child` talks to them.
"""
