"""Filing online (nộp hồ sơ trực tuyến): a signed-in citizen is guided through a draft, which is saved at each step, and submits it."""
