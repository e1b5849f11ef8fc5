"""The page pipeline: one stage a module, values in, values out."""
