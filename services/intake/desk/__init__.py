"""The counter (quầy tiếp nhận): filing by keyboard in one visit, and originals that the desk keeps until they are given back."""
