"""Applications (hồ sơ đăng ký): what a citizen filed online or sent by public post, and which the desk has not yet received.

An application has the code that its dossier will have. Accepting it makes the dossier, whose time limit then begins; refusing it is final.
"""
