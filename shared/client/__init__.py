"""What a program needs to use the platform over HTTP as a clerk, an official or a citizen would: the demo and the simulator do."""
