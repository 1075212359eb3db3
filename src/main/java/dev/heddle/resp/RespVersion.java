package dev.heddle.resp;

/** The version of the protocol that a connection speaks. Each starts with RESP2, until {@code HELLO 3}. */
public enum RespVersion { RESP2, RESP3 }
