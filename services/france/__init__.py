"""What is true of France whoever asks: codes, names, communes, addresses, distances, clock."""
