/** The ready:// protocol of the first ancestor: a command as it is typed, its output with its size in front. */
package dev.heddle.face.ready;
