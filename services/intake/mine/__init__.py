"""My dossiers (hồ sơ của tôi): all that a signed-in person applies for or acts in, whoever filed it and however."""
