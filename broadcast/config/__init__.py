"""What broadcast.yml says, with the place of every mistake (pure).

Text in, values out.
"""
