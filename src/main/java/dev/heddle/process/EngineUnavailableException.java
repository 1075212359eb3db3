package dev.heddle.process;

/** Thrown when an engine cannot run on this host; the message is half a sentence for the operator that says why. */
public final class EngineUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    public EngineUnavailableException(String message) {
        super(message);
    }

    public EngineUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
