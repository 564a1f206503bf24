"""Complaints and feedback (phản ánh, kiến nghị): lodged, assigned, answered, published, in time and without conflict of interest."""
