"""Co-signing (cùng ký): those who apply together agree to a draft, each with an account of their own, before it is submitted."""
