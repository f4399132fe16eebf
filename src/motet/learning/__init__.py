"""Test sets, scorers, and what they say: intervals, significance, Pareto fronts."""
