"""Iztapalapa from open data: five more units, three grains, and a backtest of the thirteen that stand."""
