package dev.heddle.bench;

/** An empty program: the time that a JVM needs for nothing. */
final class Empty {
    private Empty() {}

    public static void main(String[] args) {
        // nothing
    }
}
