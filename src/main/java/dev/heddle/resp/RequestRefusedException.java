package dev.heddle.resp;

/** A request is not taken in because the memory for large requests is used up. The client may try again. */
public final class RequestRefusedException extends ProtocolException {
    private static final long serialVersionUID = 1L;

    RequestRefusedException(String message) {
        super(message);
    }

    @Override
    public String errorReply() {
        return "BUSY " + getMessage();
    }
}
