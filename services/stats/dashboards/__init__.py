"""Dashboards: numbers as leaders, officials and the public see them, with charts, tables, files and the lists behind them."""
