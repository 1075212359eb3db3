/**
 * The RESP face: sessions, the table of verbs, typed requests ({@code …Verb}), and one small class that
 * executes each family of them ({@code …Commands}).
 */
package dev.heddle.face.resp;
