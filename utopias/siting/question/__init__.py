"""What is asked: demand, sites, costs and rules as sparse sorted lists; aims as charges on the cost; what is wrong with them."""
