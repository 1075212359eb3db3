package dev.heddle.resp;

/** The version of the protocol that a connection speaks: RESP2 at first, RESP3 after {@code HELLO 3}. */
public enum RespVersion { RESP2, RESP3 }
