"""What is true of France whoever asks: codes, names, communes, distances, clock, holidays."""
