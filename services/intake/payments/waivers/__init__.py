"""Waivers (miễn, giảm): the filing fee of some people is waived, in whole or in part; a clerk decides by their papers."""
