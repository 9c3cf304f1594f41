"""Without these rules an urgent request would ring on one phone, or on all, or on none.

A call-out pages people step by step until exactly one takes it: `ladder` says whom, `paging` when,
and what may become of it. Until somebody takes it nobody is on the way, and the resident is told so
at each step.
"""
