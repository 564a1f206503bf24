"""Day closing (khóa sổ ngày): each clerk counts the cash of a day, hands it in, and takes no more of that day."""
