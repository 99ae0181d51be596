"""A believable day at the desk, as clients of a running server: no models, no database, only HTTP and WebSockets."""

from sessions_app.simulation.day import Day, simulate
from sessions_app.simulation.errors import SimulationError
from sessions_app.simulation.tally import Tally, table
from sessions_app.simulation.target import Target

__all__ = ["Day", "SimulationError", "Tally", "Target", "simulate", "table"]
