"""HTTP client of the platform for programs that act as clerks, officials and citizens: the demo, the simulation and the tests."""
