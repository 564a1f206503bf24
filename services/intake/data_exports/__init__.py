"""Data exports (trích xuất dữ liệu cá nhân): a person gets all that is kept about them, by signing in or at a desk (Luật 91/2025/QH15)."""
