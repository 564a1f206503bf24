"""Supplements (bổ sung giấy tờ): papers requested by an agency and handed in at the desk."""
