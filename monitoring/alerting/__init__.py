"""Alerts: rules on what is stored, who looks at them and when, and how people are told."""
