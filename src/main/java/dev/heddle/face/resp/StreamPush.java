package dev.heddle.face.resp;

import dev.heddle.memory.OutputLog;
import dev.heddle.memory.Page;
import dev.heddle.resp.RespValue;
import dev.heddle.resp.RespValue.BulkString;
import dev.heddle.resp.RespValue.IntegerReply;
import dev.heddle.resp.RespValue.Push;
import dev.heddle.service.Attachment;

import java.util.ArrayList;
import java.util.List;

/** The pushes that tell a client of RESP3 what becomes of a command: {@code heddle}, a kind, and what belongs to it. */
final class StreamPush {
    private static final BulkString HEDDLE = BulkString.of("heddle");
    private static final BulkString OUT = BulkString.of("out");
    private static final BulkString ERR = BulkString.of("err");

    private StreamPush() {}

    static Push of(String kind, RespValue... rest) {
        RespValue[] values = new RespValue[rest.length + 2];
        values[0] = HEDDLE;
        values[1] = BulkString.of(kind);
        System.arraycopy(rest, 0, values, 2, rest.length);
        return Push.of(values);
    }

    /** The pushes of a delivery: its notes, its output, and between that what was not kept. */
    static List<Push> of(Attachment.Delivery<Push> delivery, BulkString id, boolean withOffsets) {
        if (delivery.page().isEmpty()) {
            return delivery.notes();
        }
        Page page = delivery.page().get();
        List<Push> pushes = new ArrayList<>(delivery.notes());
        long next = delivery.from();
        for (Page.Piece piece : page.pieces()) {
            addGap(pushes, id, next, piece.offset());
            next = piece.offset() + piece.length();
            BulkString stream = piece.stream() == OutputLog.STDOUT ? OUT : ERR;
            RespValue bytes = new RespValue.BulkPieces(piece.bytes());
            pushes.add(withOffsets ? Push.of(HEDDLE, stream, id, new IntegerReply(piece.offset()), bytes)
                    : Push.of(HEDDLE, stream, id, bytes));
        }
        addGap(pushes, id, next, page.next());
        return pushes;
    }

    private static void addGap(List<Push> pushes, BulkString id, long from, long to) {
        if (to > from) {
            pushes.add(of("gap", id, new IntegerReply(from), new IntegerReply(to)));
        }
    }
}
