"""Filing (tiếp nhận hồ sơ): a complete dossier is received and gets its code, its promised time and its secret.

The code is made by :mod:`.domain.dossier_code`, the number in it by :mod:`.dossier_number`.
"""
