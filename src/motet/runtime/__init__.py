"""Runs plans: scheduler, journal, the methods behind the operators, traces."""
