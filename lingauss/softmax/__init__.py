"""Hinton's softmax distillation of linear students: a closed form to second order (docs/real-students.md)."""

from lingauss.softmax.newton import Settings
from lingauss.softmax.selection import Selection
from lingauss.softmax.student import Student, student

__all__ = ["Selection", "Settings", "Student", "student"]
