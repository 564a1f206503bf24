"""Supplements online (bổ sung trực tuyến): the citizen uploads the papers that a desk or an agency asked for, and sends them."""
