"""Official papers to print: the receipt with the promised date (Giấy tiếp nhận hồ sơ và hẹn trả kết quả)."""
