"""Intake: procedures, filing, payments, supplements, handing over results, and the public look-up."""
