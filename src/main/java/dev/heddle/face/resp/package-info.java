/** The RESP protocol of the server: sessions, the command table, and one small class for each kind of command. */
package dev.heddle.face.resp;
