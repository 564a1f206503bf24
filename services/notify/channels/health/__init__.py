"""How providers do, as the worker that sends knows it, for pages and metrics."""
