package dev.heddle.resp;

/**
 * Nobody's fault: the request keeps to its limits, but the memory for all requests together is used up. As the
 * rest of the request is still to come, the connection is answered once and closed like after a protocol error.
 */
public final class OverBudgetException extends ProtocolException {
    private static final long serialVersionUID = 1L;

    OverBudgetException() {
        super("the server's memory for requests is used up, try again later");
    }

    @Override
    public String errorReply() {
        return "BUSY " + getMessage();
    }
}
