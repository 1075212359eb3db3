/** The upper:// protocol of the second ancestor: answers everything in upper case. */
package dev.heddle.face.upper;
